*** Settings ***
Documentation       What the others feel of each kind of noise alone, when it is contained. Not a promise, but it shows which kind harms
...                 when the four together do:
...                 | .venv/bin/robot -d results/kinds -v PROFILE:full tests/benchmarks/noise_kinds.robot
Resource            ../../keywords/performance.resource
Suite Setup         Four kinds of noise, each alone, and quiet time take turns
Suite Teardown      Everybody leaves


*** Test Cases ***
An endless calculation does not slow down the others
    Then no other tenant should be slowed down by more than 10 percent by calculation in RI-5

A hunger for memory does not slow down the others
    Then no other tenant should be slowed down by more than 10 percent by hunger in RI-5

A storm on disk and database does not slow down the others
    Then no other tenant should be slowed down by more than 10 percent by storm in RI-5

A flood of messages does not slow down the others
    Then no other tenant should be slowed down by more than 10 percent by flood in RI-5


*** Keywords ***
Four kinds of noise, each alone, and quiet time take turns
    [Documentation]    As in file 04, but each kind of noise has blocks of its own.
    The platform is ready
    ${SCALE.campaign.tenants} tenants are connected
    Ask All    noop
    Each kind of noise is one tenant's
    All four have been contained and are silent
    Measure In Turns    ${SCALE.steady.work}

Each kind of noise is one tenant's
    [Documentation]    So each has blocks of its own.
    Prepare Noise    calculation    Endless Calculation    1
    Prepare Noise    hunger    Memory Hunger    2
    Prepare Noise    storm    Storm    3
    Prepare Noise    flood    Message Flood    4

All four have been contained and are silent
    [Documentation]    What is still going on when they are contained is broken off.
    Start Steady Work    ${SCALE.steady.rate}    ${SCALE.steady.work}
    Disturb Until Contained    ${SCALE.campaign.warm_up}
    Silence    1    2    3    4
    End Work    disturbing
    End Work
    Sleep    4 seconds    so that work which was broken off has ended
