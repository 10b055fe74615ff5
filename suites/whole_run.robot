*** Settings ***
Documentation       The run as a whole: it gives no secret away and leaves nothing behind. Runs last. What it costs to watch so many
...                 tenants is judged where they are watched, in file 06 of the resource isolation.
Resource            ../keywords/whole_run.resource
Suite Setup         Some tenants have come and been answered
Suite Teardown      Everybody leaves
Test Tags           performance    isolation


*** Test Cases ***
No secret is in any output
    [Metadata]    Promise    OP-7
    Then no secret should be in any output of this run

Nothing of this run is left
    [Metadata]    Promise    OP-3
    Then nothing should be left of any tenant of this run
