*** Settings ***
Documentation       The agent registry: every agent belongs to one user for all time, is reached by nobody else, and leaves nothing behind.
Test Tags           isolation
