metadata description = 'The account in which one role\'s Functions host keeps its function keys and timer locks. Each role has its own: who owns the api\'s could make keys for it.'

import { roles } from 'roles.bicep'

param name string
param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags
param private bool

@description('The role\'s identity.')
param principalId string

@description('Who may look at, and delete, what the host keeps of triggers and locks (no keys); empty for nobody.')
param operatorId string

@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorType string

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    networkAcls: { bypass: 'AzureServices', defaultAction: private ? 'Deny' : 'Allow' }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    // The host's own name for it.
    resource hosts 'containers' = { name: 'azure-webjobs-hosts' }
  }
}

resource owner 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, principalId, roles.blobOwner)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobOwner)
  }
}

resource operator 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(operatorId)) {
  scope: account::blobs::hosts
  name: guid(account::blobs::hosts.id, operatorId, roles.blobContributor)
  properties: {
    principalId: operatorId
    principalType: operatorType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobContributor)
  }
}

output name string = account.name
output id string = account.id
