*** Settings ***
Documentation       Connections belong to their user; what an agent says arrives where it has to, once and in order.
Resource            ../../keywords/agent_registry/websocket_bridge.resource
Suite Setup         The users of the registry are connected
Suite Teardown      The users of the registry leave


*** Test Cases ***
A connection belongs to the context of its user
    [Metadata]    Promise    AR-9
    Given the platform can    session resumption
    Then every session, also after a reconnection, should know its own user
    And a session that was cut should be resumed by its own user only

An agent that changes the session tells the new one only
    [Metadata]    Promise    AR-9
    When agents pass from session to session of their users
    Then every event should reach exactly the session that asked in AR-9

Subscribers are told what they subscribed to, and nothing else
    [Metadata]    Promise    AR-10
    Given the platform can    subscriptions
    Then every subscriber should hear everything that it subscribed to, in order

Events reach only their user, exactly once and in order
    [Metadata]    Promise    AR-11
    When all users work with two agents each at the same time
    Then more than 95 percent of AR-11 should be answered in    crowd
    And every event should reach exactly the session that asked in AR-11
    And every request should have all of its events in order in AR-11

Connections open, drop and close without leaving anything
    [Metadata]    Promise    AR-12
    Given the platform can    subscriptions    session resumption
    When everybody opens connections and loses them in different ways, again and again
    Then nothing should be left over from any connection
    And resumed sessions should have missed nothing
