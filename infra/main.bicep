metadata description = 'Everything but the apps: azd provision deploys this, azd deploy the apps (app.bicep), which read its outputs.'
targetScope = 'subscription'

import { gpu, computeType } from 'modules/gpu.bicep'
import { access } from 'modules/roles.bicep'

@description('The azd environment; names come from it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('A region that has the GPUs asked for.')
param location string

@description('The GPU that documents are encoded on.')
param encodeGpu gpu

@description('The GPU that questions are answered on; most deployments answer on processors.')
param answerGpu gpu

@description('Whoever works with the perk command: may read and write everything in the account of the documents. Empty for nobody.')
param operatorId string

@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorType string

@description('Whether storage and registry are reached through private endpoints. Whoever deploys or operates must then reach the network, too.')
param privateNetwork bool

@description('How the documents\' account keeps its bytes.')
param redundancy string

@description('Days for which deleted blobs can be had back.')
param softDeleteDays int

@description('Days after which dead letters and refused uploads are deleted.')
param keepDays int

@description('Days after which answers are deleted; 0 keeps them.')
param answerDays int

@description('Days for which logs and metrics are kept.')
param retentionDays int

@description('Who is told by alerts and by the budget; empty for nobody.')
param alertEmail string

@description('Monthly budget in the currency of the billing account; 0 for none.')
@minValue(0)
param monthlyBudget int

@description('The first of the month (2026-12-01) from which the budget counts; empty for no budget. Azure takes no other day once there is one.')
param budgetStart string

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var roleNames = ['api', 'encode', 'answer']

@description('What an operator may do: everything that perk does.')
var operators access = {
  containers: map(['documents', 'adapters', 'answers', 'jobs', 'batches', 'deadletters', 'reports', 'models', 'uploads'], name => { name: name, role: 'blobContributor' })
  queues: map(flatten(map(['encode', 'questions', 'evaluate', 'arrivals'], name => [name, '${name}-poison'])), name => { name: name, role: 'queueContributor' })
  delegates: false
}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = [
  for role in roleNames: {
    scope: group
    name: 'identity-${role}'
    params: { name: 'id-perk-${role}-${token}', location: location, tags: tags }
  }
]

module storage 'modules/storage.bicep' = {
  scope: group
  name: 'storage'
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    redundancy: redundancy
    softDeleteDays: softDeleteDays
    keepDays: keepDays
    answerDays: answerDays
    private: privateNetwork
  }
}

module hostStorage 'modules/host-storage.bicep' = [
  for (role, i) in roleNames: {
    scope: group
    name: 'host-storage-${role}'
    params: {
      name: 'st${role}${token}'
      location: location
      tags: tags
      private: privateNetwork
      principalId: identity[i].outputs.principalId
      operatorId: operatorId
      operatorType: operatorType
    }
  }
]

module operatorAccess 'modules/access.bicep' = if (!empty(operatorId)) {
  scope: group
  name: 'operator-access'
  params: {
    accountName: storage.outputs.name
    principalId: operatorId
    principalType: operatorType
    granted: operators
  }
}

module events 'modules/events.bicep' = {
  scope: group
  name: 'events'
  params: { location: location, tags: tags, accountName: storage.outputs.name }
}

module registry 'modules/registry.bicep' = {
  scope: group
  name: 'registry'
  params: {
    name: 'cr${token}'
    location: location
    tags: tags
    private: privateNetwork
    principalIds: [for (role, i) in roleNames: identity[i].outputs.principalId]
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: {
    workspaceName: 'log-${token}'
    insightsName: 'appi-${token}'
    location: location
    tags: tags
    retentionDays: retentionDays
    principalIds: [for (role, i) in roleNames: identity[i].outputs.principalId]
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  name: 'alerts'
  params: { location: location, tags: tags, workspaceId: monitoring.outputs.workspaceId, email: alertEmail }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  name: 'workbook'
  params: { location: location, tags: tags, workspaceId: monitoring.outputs.workspaceId }
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0) {
  scope: group
  name: 'budget'
  params: {
    amount: monthlyBudget
    emails: [empty(alertEmail) ? fail('A budget needs somebody to tell: set PERK_ALERT_EMAIL.') : alertEmail]
    start: empty(budgetStart) ? fail('A budget needs its first month: set PERK_BUDGET_START to the first of this month, as 2026-12-01.') : budgetStart
  }
}

module network 'modules/network.bicep' = if (privateNetwork) {
  scope: group
  name: 'network'
  params: {
    name: 'vnet-${token}'
    location: location
    tags: tags
    targets: [
      { name: 'documents', id: storage.outputs.id, group: 'blob' }
      { name: 'documents', id: storage.outputs.id, group: 'queue' }
      { name: 'host-api', id: hostStorage[0].outputs.id, group: 'blob' }
      { name: 'host-encode', id: hostStorage[1].outputs.id, group: 'blob' }
      { name: 'host-answer', id: hostStorage[2].outputs.id, group: 'blob' }
      { name: 'images', id: registry.outputs.id, group: 'registry' }
    ]
  }
}

module environment 'modules/environment.bicep' = {
  scope: group
  name: 'environment'
  params: {
    name: 'cae-${token}'
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    gpus: [encodeGpu, answerGpu]
    subnetId: network.?outputs.appsSubnetId ?? ''
  }
}

// azd keeps these; the apps' .bicepparam files, the hooks and people read them.
output AZURE_LOCATION string = location
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.loginServer
output AZURE_CONTAINER_APPS_ENVIRONMENT_ID string = environment.outputs.id
output PERK_STORAGE_ACCOUNT string = storage.outputs.name
output PERK_INSIGHTS_CONNECTION string = monitoring.outputs.insightsConnection
output PERK_COMPUTE_TYPE string = computeType(encodeGpu, answerGpu)
output PERK_API_NAME string = 'ca-api-${token}'
output PERK_API_IDENTITY_ID string = identity[0].outputs.id
output PERK_API_CLIENT_ID string = identity[0].outputs.clientId
output PERK_API_HOST_STORAGE string = hostStorage[0].outputs.name
output PERK_ENCODE_NAME string = 'ca-encode-${token}'
output PERK_ENCODE_IDENTITY_ID string = identity[1].outputs.id
output PERK_ENCODE_CLIENT_ID string = identity[1].outputs.clientId
output PERK_ENCODE_HOST_STORAGE string = hostStorage[1].outputs.name
output PERK_ANSWER_NAME string = 'ca-answer-${token}'
output PERK_ANSWER_IDENTITY_ID string = identity[2].outputs.id
output PERK_ANSWER_CLIENT_ID string = identity[2].outputs.clientId
output PERK_ANSWER_HOST_STORAGE string = hostStorage[2].outputs.name
