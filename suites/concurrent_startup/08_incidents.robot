*** Settings ***
Documentation       What went wrong on other platforms is staged here: cancelled answers, shared caches, used connections, storms.
Resource            ../../keywords/concurrent_startup/incidents.resource
Suite Setup         Incidents that happened elsewhere are staged here


*** Test Cases ***
The answer of a cancelled request reaches nobody
    [Metadata]    Promise    CS-2
    Then nothing of a cancelled request should reach anybody

The answer cache is shared with nobody
    [Metadata]    Promise    CS-2
    Then no user should get an answer that was made for another user
    And no user should be able to tell by the time that another user has asked before

A new user finds no trace of the previous one
    [Metadata]    Promise    CS-2
    Then no new user should find anything of the previous one

An announcement reaches every session exactly once
    [Metadata]    Promise    CS-2
    Then every session should hear the announcement exactly once

A reconnect storm mixes up no users
    [Metadata]    Promise    CS-2
    Then every user should be back within 10 seconds
    And every user should be back with their own session and answers
