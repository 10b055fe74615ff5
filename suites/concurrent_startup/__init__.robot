*** Settings ***
Documentation       A hundred users start their agents at once, and nobody ever sees anybody else's data.
Test Tags           isolation
