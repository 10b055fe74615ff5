*** Settings ***
Documentation       Resource isolation: nobody's load slows another down, nobody eats another's memory, nothing is left behind.
Test Tags           performance
