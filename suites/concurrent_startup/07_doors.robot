*** Settings ***
Documentation       Nobody reaches another's things through the platform's own door, and nobody learns that they exist.
Resource            ../../keywords/contamination.resource
Suite Setup         Every door has been tried by its owner, by others and by nobody
Suite Teardown      Everybody leaves


*** Test Cases ***
Nobody but the owner reads, changes, cancels, resumes or subscribes to a thing
    [Metadata]    Promise    CS-2
    Then every forbidden request should have been refused without effect
    And no operation should have been left out

A refusal does not reveal whether the thing exists
    [Metadata]    Promise    CS-2
    Then a refusal should not tell whether the thing exists

Things are out of reach when they are gone, failed, elsewhere or only of the same name
    [Metadata]    Promise    CS-2
    Then what is gone, failed, elsewhere or of the same name should stay out of reach
