metadata description = 'One workspace for the platform logs and for what the apps tell Application Insights, which takes it from identities only.'

import { roles } from 'roles.bicep'

param workspaceName string
param insightsName string
param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags

@minValue(30)
@maxValue(730)
param retentionDays int

@description('The identities that send telemetry.')
param principalIds string[]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true, enableLogAccessUsingOnlyResourcePermissions: true }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: insightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    IngestionMode: 'LogAnalytics'
    WorkspaceResourceId: workspace.id
  }
}

resource publisher 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for id in principalIds: {
    scope: insights
    name: guid(insights.id, id, roles.metricsPublisher)
    properties: {
      principalId: id
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.metricsPublisher)
    }
  }
]

output workspaceId string = workspace.id
output insightsConnection string = insights.properties.ConnectionString
