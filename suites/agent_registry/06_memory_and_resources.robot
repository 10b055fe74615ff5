*** Settings ***
Documentation       Memory stays bounded, long sessions do not grow, and what a session took is there again when it ends.
Resource            ../../keywords/agent_registry/memory_and_resources.resource
Suite Setup         Many users work at once, visit, and stay for long


*** Test Cases ***
Memory stays bounded while many users work at the same time
    [Metadata]    Promise    AR-19
    Then more than 95 percent of the simultaneous rounds should be answered
    And memory should have grown by less than 50 MB, also in the middle of the work

Nothing is left after a session ends
    [Metadata]    Promise    AR-20
    Then resource counts should return to their baseline after every visit
    And memory should have grown by less than 50 MB over all visits
    And more than 80 percent of what the visitors took should be released

Long sessions do not grow
    [Metadata]    Promise    AR-21
    Then more than 95 percent of the long sessions should be answered
    And memory should have grown by less than 50 MB over all rounds
    And resource counts should return to their baseline after every round
    And more than 80 percent of what the rounds took should be released
