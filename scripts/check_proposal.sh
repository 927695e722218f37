#!/usr/bin/env bash
# Refuse an AI's proposal that touches what only people change, unless it is a draft (AI_POLICY.md, 4).
#
#     scripts/check_proposal.sh BASE_COMMIT IS_DRAFT
set -euo pipefail

base=$1
is_draft=$2
guarded='^(AI_POLICY\.md|approvals/|\.github/|\.ci/|config/|sagetrade_nautilus/(guard|governance)/|sagetrade_nautilus/secrets\.py|sagetrade_nautilus/config/(limits|canary|trading)\.py|scripts/check_proposal\.sh)'

touched=$(git diff --name-only "$base"...HEAD | grep -E "$guarded" || true)
if [ -z "$touched" ]; then
    echo "it touches nothing that only people change"
elif [ "$is_draft" = true ]; then
    printf 'a draft, and it says so; only people change:\n%s\n' "$touched"
else
    printf 'only people change these; make it a draft:\n%s\n' "$touched" >&2
    exit 1
fi
