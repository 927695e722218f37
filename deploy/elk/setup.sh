#!/bin/sh
# Once, when the stack first starts: the password that Kibana knows, and where it finds the lines.
set -eu
auth="elastic:$(cat /run/secrets/elastic_password)"
curl -sf -u "$auth" -H 'Content-Type: application/json' \
  -d "{\"password\": \"$(cat /run/secrets/kibana_password)\"}" \
  http://elasticsearch:9200/_security/user/kibana_system/_password
# Lines are kept for ninety days.
curl -sf -u "$auth" -H 'Content-Type: application/json' -X PUT \
  -d '{"policy": {"phases": {"delete": {"min_age": "90d", "actions": {"delete": {}}}}}}' \
  http://elasticsearch:9200/_ilm/policy/sagetrade
curl -sf -u "$auth" -H 'Content-Type: application/json' -X PUT \
  -d '{"index_patterns": ["sagetrade-*"], "priority": 200, "template": {"settings": {"index.lifecycle.name": "sagetrade", "index.number_of_replicas": 0}}}' \
  http://elasticsearch:9200/_index_template/sagetrade-kept
