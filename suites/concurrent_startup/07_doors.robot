*** Settings ***
Documentation       Nobody reaches another user's things through the platform's own interface, and nobody learns that they exist.
Resource            ../../keywords/concurrent_startup/doors.resource
Suite Setup         Owners, colleagues, strangers and nobody reach for everything that can be reached


*** Test Cases ***
Only the owner can read, change, cancel, resume or subscribe
    [Metadata]    Promise    CS-2
    Then every forbidden request should be refused without effect
    And no operation should have been left out

A refusal does not reveal whether the thing exists
    [Metadata]    Promise    CS-2
    Then a refusal should not tell whether the thing exists

A removed thing stays out of reach
    [Metadata]    Promise    CS-2
    Then nothing should be reachable after its removal

A removed tenant's things do not come back
    [Metadata]    Promise    CS-2
    Then a tenant with the id of a removed one should find nothing

A failed creation leaves nothing behind
    [Metadata]    Promise    CS-2
    Then nothing should be left after a failed creation

A thing is found in its own thread only
    [Metadata]    Promise    CS-2
    Then nothing should be reachable in another thread

Users who choose the same name do not share a thing
    [Metadata]    Promise    CS-2
    Then nothing should be reachable under the same name

Lists and counts show only the user's own things
    [Metadata]    Promise    CS-2
    Then nothing of another user should show in lists and counts

No subscription tells of another user's things
    [Metadata]    Promise    CS-2
    Then nobody should be told of another user's things
