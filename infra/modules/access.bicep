metadata description = 'What one identity may do with the account of the documents, container by container and queue by queue.'

import { roles, access } from 'roles.bicep'

param accountName string
param principalId string

@allowed(['ServicePrincipal', 'User', 'Group'])
param principalType string

param granted access

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: accountName

  resource blobs 'blobServices' existing = { name: 'default' }
  resource queues 'queueServices' existing = { name: 'default' }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' existing = [
  for grant in granted.containers: {
    parent: account::blobs
    name: grant.name
  }
]

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' existing = [
  for grant in granted.queues: {
    parent: account::queues
    name: grant.name
  }
]

resource onContainer 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, i) in granted.containers: {
    scope: container[i]
    name: guid(container[i].id, principalId, roles[grant.role])
    properties: {
      principalId: principalId
      principalType: principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles[grant.role])
    }
  }
]

resource onQueue 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (grant, i) in granted.queues: {
    scope: queue[i]
    name: guid(queue[i].id, principalId, roles[grant.role])
    properties: {
      principalId: principalId
      principalType: principalType
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles[grant.role])
    }
  }
]

// A user-delegation key is the account's: no narrower scope exists. What is signed with it reaches no further than the signer's own roles.
resource delegator 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (granted.delegates) {
  scope: account
  name: guid(account.id, principalId, roles.blobDelegator)
  properties: {
    principalId: principalId
    principalType: principalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDelegator)
  }
}
