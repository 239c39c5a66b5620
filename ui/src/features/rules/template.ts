/** Where a new rule is written: no rule can have this name. */
export const newRule = "-";

/** What a new rule starts from: it holds, so that one changes one thing after the other. */
export const template = `rule: my-rule
title: A server of Telnet listens
on: collection
collections: [pack:inventory/listening-ports]
sql: |
  SELECT name, address, port FROM listening_ports
  WHERE port = 23 AND address NOT LIKE '127.%' AND address != '::1'
when: len(rows) > 0
severity: high
message: "{{ rows[0].name }} on {{ agent.hostname }} listens on {{ rows[0].address }}:{{ rows[0].port }}."
group_by: [agent.id]
fixtures:
  - name: open to all
    rows: {listening_ports: [{name: telnetd, address: 0.0.0.0, port: 23}]}
    fires: true
    message: telnetd on host
  - name: of this machine only
    rows: {listening_ports: [{name: telnetd, address: 127.0.0.1, port: 23}]}
    fires: false
`;
