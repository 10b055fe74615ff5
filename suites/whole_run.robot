*** Settings ***
Documentation       The suite itself: it costs little, gives no secret away and leaves nothing behind. Runs last.
Resource            ../keywords/whole_run.resource
Suite Setup         Fifty tenants have been watched for a while
Suite Teardown      Everybody leaves
Test Tags           performance    isolation


*** Test Cases ***
Watching fifty tenants costs little
    [Metadata]    Promise    OP-1
    Then watching should cost less than 2 percent of one core

No secret is in any output
    [Metadata]    Promise    OP-7
    Then no secret should be in any output of this run

Nothing of this run is left
    [Metadata]    Promise    OP-3
    Then nothing should be left of any tenant of this run
