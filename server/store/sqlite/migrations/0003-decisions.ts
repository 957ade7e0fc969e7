/** Decisions are found by their alert and by the rule that took them; the rows stay as they are. */
export const decisionIndexes = `
CREATE INDEX decision_by_alert ON decision (alert_id, n) WHERE alert_id IS NOT NULL;
CREATE INDEX decision_by_rule ON decision (stage, rule, n);
`
