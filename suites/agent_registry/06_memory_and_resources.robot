*** Settings ***
Documentation       Memory stays bounded, long sessions do not grow, and what a session took is there again when it ends.
Resource            ../../keywords/agent_registry/memory_and_resources.resource
Suite Setup         Many users of the registry are connected
Suite Teardown      The users of the registry leave


*** Test Cases ***
Memory stays bounded while many users work at the same time
    [Metadata]    Promise    AR-19
    Given everybody has an agent, and the platform is counted
    When all users work for many rounds at the same time
    Then more than 95 percent of AR-19 should be answered in    mixed
    And memory should have grown by less than 50 MB in AR-19

Nothing is left after a session ends
    [Metadata]    Promise    AR-20
    Given the platform can    subscriptions    answer cache
    When visitors take agents, connections and subscriptions and end their sessions, again and again
    Then exactly as much should be there as before every visit
    And more than 80 percent of what the visitors took should be released

Long sessions do not grow
    [Metadata]    Promise    AR-21
    When all sessions work for a long time
    Then more than 95 percent of AR-21 should be answered in    long
    And memory should have grown by less than 50 MB in AR-21
    And exactly as much should be there as after the first round
    And more than 80 percent of what the rounds took should be released
