*** Settings ***
Documentation       A right that was taken away ends everywhere at once, also where something is open, and nobody else is touched.
Resource            ../../keywords/concurrent_startup/rights.resource
Suite Setup         Rights are taken away while sessions are open


*** Test Cases ***
Open sessions end with the right
    [Metadata]    Promise    CS-6
    Then every open session should end within 2 seconds
    And no open session should go on

Subscriptions end with the right
    [Metadata]    Promise    CS-6
    Then no subscription should go on

A session that was cut cannot be resumed when its right has ended
    [Metadata]    Promise    CS-6
    Then no session should be resumed

Running work ends with the right
    [Metadata]    Promise    CS-6
    Then no work should go on

An ended right opens no new session
    [Metadata]    Promise    CS-6
    Then no new session should be opened

An ended right stays ended when the platform is restarted
    [Metadata]    Promise    CS-6
    Then no new session should be opened after a restart

A right that is given back works again
    [Metadata]    Promise    CS-6
    Then every right that was given back should work again

The end of a right touches nobody else
    [Metadata]    Promise    CS-6
    Then nobody else should be touched
