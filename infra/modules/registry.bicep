metadata description = 'The registry of the images. No administrator account: apps pull by identity.'

import { roles } from 'roles.bicep'

param name string
param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags

@description('Whether the environment reaches it through a private endpoint; that takes Premium. It stays open, for whoever pushes, to those who may.')
param private bool

@description('The identities that pull.')
param principalIds string[]

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: private ? 'Premium' : 'Standard' }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    networkRuleBypassOptions: 'AzureServices'
  }
}

resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for id in principalIds: {
    scope: registry
    name: guid(registry.id, id, roles.acrPull)
    properties: {
      principalId: id
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull)
    }
  }
]

output id string = registry.id
output loginServer string = registry.properties.loginServer
