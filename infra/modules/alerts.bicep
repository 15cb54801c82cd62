metadata description = 'Queries over the workspace that tell people when they have rows. docs/operations.md says what to do for each.'

param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags
param workspaceId string

@description('Who is told; empty for nobody, and the alerts are seen in the portal only.')
param email string

var alerts = [
  { name: 'dead-letters', severity: 2, every: 'PT15M', over: 'PT15M', query: loadTextContent('../queries/dead-letters.kql') }
  { name: 'queue-age', severity: 2, every: 'PT15M', over: 'PT15M', query: loadTextContent('../queries/queue-age.kql') }
  { name: 'failed-jobs', severity: 3, every: 'PT1H', over: 'PT1H', query: loadTextContent('../queries/failed-jobs.kql') }
  { name: 'no-sweep', severity: 1, every: 'PT15M', over: 'PT30M', query: loadTextContent('../queries/no-sweep.kql') }
  { name: 'scale-rule', severity: 1, every: 'PT15M', over: 'PT15M', query: loadTextContent('../queries/scale-rule.kql') }
  { name: 'replica-failed', severity: 2, every: 'PT15M', over: 'PT15M', query: loadTextContent('../queries/replica-failed.kql') }
  { name: 'replica-waiting', severity: 2, every: 'PT15M', over: 'PT1H', query: loadTextContent('../queries/replica-waiting.kql') }
  { name: 'worker-lost', severity: 1, every: 'PT15M', over: 'PT15M', query: loadTextContent('../queries/worker-lost.kql') }
  { name: 'regression', severity: 2, every: 'PT1H', over: 'PT1H', query: loadTextContent('../queries/regression.kql') }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: 'perk-people'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'perk'
    emailReceivers: [{ name: 'people', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alert 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for each in alerts: {
    name: 'perk-${each.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Perk: ${each.name}'
      description: 'docs/operations.md, Alerts, ${each.name}'
      severity: each.severity
      enabled: true
      autoMitigate: true
      scopes: [workspaceId]
      evaluationFrequency: each.every
      windowSize: each.over
      skipQueryValidation: true // A table is there only after its first row.
      criteria: {
        allOf: [
          {
            query: each.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: empty(email) ? [] : [people.id] }
    }
  }
]
