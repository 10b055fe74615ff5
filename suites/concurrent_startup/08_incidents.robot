*** Settings ***
Documentation       What went wrong on other platforms is staged here: cancelled answers, shared caches, used connections, storms.
Resource            ../../keywords/contamination.resource
Suite Setup         The users are gathered
Suite Teardown      Everybody leaves


*** Test Cases ***
The answer of a cancelled request reaches nobody
    [Metadata]    Promise    CS-2
    Given the platform can    cancellation
    When many users cancel requests that are being worked on
    Then nothing of a cancelled request should reach anybody

The answer cache is shared with nobody
    [Metadata]    Promise    CS-2
    Given the platform can    answer cache
    When strangers ask the questions that others have asked before
    Then no stranger should get an answer that was made for somebody else
    And no stranger should be able to tell by the time that somebody has asked before

A newcomer finds nothing of the user before
    [Metadata]    Promise    CS-2
    When newcomers connect right after users who left in the middle of their work
    Then no newcomer should find anything of them

An announcement reaches everybody exactly once
    [Metadata]    Promise    CS-2
    When everybody is connected and the operator announces something
    Then everybody should hear it exactly once and nothing else of anybody

A storm of reconnections mixes nobody up
    [Metadata]    Promise    CS-2
    Given the platform can    session resumption
    When all connections are cut and everybody comes back at once
    Then everybody should be back within 10 seconds with the own session and answers
