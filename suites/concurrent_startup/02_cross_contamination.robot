*** Settings ***
Documentation       Every user has secrets of its own. None of them is ever found where somebody else could see it.
Resource            ../../keywords/contamination.resource
Suite Setup         Many users with secrets have worked side by side
Suite Teardown      Everybody leaves


*** Test Cases ***
No user ever receives a secret of another user
    [Metadata]    Promise    CS-2
    Given everybody was answered
    Then no frame should have shown anybody a secret of somebody else

The database keeps every secret with its owner
    [Metadata]    Promise    CS-2
    Then no row of the database should hold a secret of anybody but its owner

The cache keeps every secret with its owner
    [Metadata]    Promise    CS-2
    Then no key or channel of the cache should hold a secret of anybody but its owner

The analytics store keeps every secret with its owner
    [Metadata]    Promise    CS-2
    Then no row of the analytics store should hold a secret of anybody but its owner

Log files hold no secrets
    [Metadata]    Promise    CS-2
    Then no log file should hold any secret

No agent's process holds a secret of another user
    [Metadata]    Promise    CS-2
    Then no agent process should hold a secret of somebody else

Own secrets and public texts are not taken for leaks
    [Metadata]    Promise    CS-2
    When users see their own secrets again and everybody hears an announcement
    Then none of it should be taken for a leak
