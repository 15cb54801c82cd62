metadata description = 'The account that the Functions hosts keep their function keys and timer locks in. No document is in it, so that owning it gives nobody a document.'

import { roles } from 'roles.bicep'

param name string
param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags
param private bool

@description('The identities of the apps.')
param principalIds string[]

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
}

resource owner 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for id in principalIds: {
    scope: account
    name: guid(account.id, id, roles.blobOwner)
    properties: {
      principalId: id
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobOwner)
    }
  }
]

output name string = account.name
output id string = account.id
