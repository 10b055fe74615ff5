*** Settings ***
Documentation       Every user has secrets of their own. None of them is ever found where another user could see it.
Resource            ../../keywords/concurrent_startup/contamination.resource
Suite Setup         Many users with secrets work side by side


*** Test Cases ***
No user ever receives a secret of another user
    [Metadata]    Promise    CS-2
    Then nearly all requests should be answered
    And no frame should show a secret of another user

Every answer belongs to the user who asked
    [Metadata]    Promise    CS-2
    Then every answer should be about its own asker

The database keeps every secret with its owner
    [Metadata]    Promise    CS-2
    Then no row of the database should hold a secret of another user

The cache keeps every secret with its owner
    [Metadata]    Promise    CS-2
    Then no key or channel of the cache should hold a secret of another user

The analytics store keeps every secret with its owner
    [Metadata]    Promise    CS-2
    Then no row of the analytics store should hold a secret of another user

Log files hold no secrets
    [Metadata]    Promise    CS-2
    Then no log file should hold any secret

No agent's process holds a secret of another user
    [Metadata]    Promise    CS-2
    Then no agent process should hold a secret of another user

A user's own secrets and public texts are not reported as leaks
    [Metadata]    Promise    CS-2
    Then own secrets and public texts should not be reported
