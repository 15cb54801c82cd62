metadata description = 'The Container Apps environment: consumption, and the GPU profiles that are asked for. Its logs go to the workspace without a key.'

import { gpu, profiles } from 'gpu.bicep'

param name string
param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags
param workspaceId string

@description('The GPUs that apps of it use.')
param gpus gpu[]

@description('The subnet of the apps; empty for none.')
param subnetId string

resource environment 'Microsoft.App/managedEnvironments@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: { destination: 'azure-monitor' }
    vnetConfiguration: empty(subnetId) ? null : { infrastructureSubnetId: subnetId, internal: false }
    workloadProfiles: [for each in union(['none'], gpus): { name: each == 'none' ? 'Consumption' : each, workloadProfileType: profiles[each] }]
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: environment
  name: 'workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

output id string = environment.id
