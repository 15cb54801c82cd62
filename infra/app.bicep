metadata description = 'One role\'s app: azd deploy builds its image and deploys this with it, so that image, settings and probes change together. api.bicepparam, encode.bicepparam and answer.bicepparam are its parameters.'

import { gpu, resources } from 'modules/gpu.bicep'
import { access } from 'modules/roles.bicep'

@description('api, encode or answer.')
@allowed(['api', 'encode', 'answer'])
param role string

@description('The image that was pushed. Without one there is nothing to deploy.')
@minLength(1)
param image string

@description('The app\'s name.')
@maxLength(32)
param name string

param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags

@description('The environment\'s resource id.')
param environmentId string

@description('The registry\'s address.')
param registry string

@description('The identity, made before the app, that pulls the image, keeps the host\'s keys and locks, and sends telemetry: resource id and client id. Documents are reached by the app\'s own.')
param identityId string
param clientId string

@description('What the app\'s own identity may do with the account of the documents.')
param granted access

@description('The GPU of each replica.')
param device gpu

@description('Whether the world reaches it; else the environment alone does. Ingress itself is needed for scaling.')
param external bool

@minValue(0)
param minReplicas int

@minValue(1)
@maxValue(1000)
param maxReplicas int

@description('Seconds without a message after which replicas go. docs/scale.md says what it costs.')
@minValue(30)
param cooldownSeconds int

@description('The account of the documents.')
param storageAccount string

@description('The account of the role\'s own host: its keys and locks.')
param hostStorageAccount string

@description('Where telemetry goes.')
param insightsConnection string

@description('What all roles compute in; it is part of every adapter id.')
@allowed(['Float32', 'BFloat16'])
param computeType string

@description('Id of a checkpoint in the container models; empty for the one in the image.')
param checkpoint string

@description('The role\'s own settings: batch size, time limits, schedules.')
param roleSettings settings

@description('Settings that stand in place of those of the sample.')
param overrides settings

@description('Settings by key.')
type settings = { *: string }

@description('Every setting the code reads, with its standard. Connection strings are for the emulator: in Azure both accounts are reached by identity.')
var sample = toObject(filter(items(loadJsonContent('../local.settings.sample.json').Values), s => !startsWith(s.key, 'PerkStorage') && s.key != 'AzureWebJobsStorage'), s => s.key, s => s.value)

var azure = {
  // The hosts' own.
  // The host has the platform make scale rules only when their hash, kept under this id, has changed, and a deployment drops them:
  // an id for each image has them made again. The api role's function keys and timer locks are under its id: it keeps the same, and one replica.
  AzureFunctionsWebHost__hostid: role == 'api' ? 'perk-api' : 'perk-${role}-${uniqueString(image)}'
  AzureWebJobsDisableHomepage: 'true'
  AzureWebJobsStorage__accountName: hostStorageAccount
  AzureWebJobsStorage__clientId: clientId
  AzureWebJobsStorage__credential: 'managedidentity'
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${clientId};Authorization=AAD'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnection
  // Ours.
  PerkStorage__accountName: storageAccount // Nothing more: the app's own identity. With a user-assigned one the platform makes no rule for a queue (microsoft/azure-container-apps#1633).
  Perk__Checkpoint: checkpoint
  Perk__ComputeType: computeType
  Perk__Device: device == 'none' ? 'cpu' : 'cuda' // Not auto: a replica without its GPU must say so, not compute for hours.
  Perk__Telemetry: 'azureMonitor'
}

@description('An empty value is none.')
var environmentVariables = filter(items(union(sample, azure, roleSettings, overrides)), s => !empty(s.value))

resource app 'Microsoft.App/containerApps@2025-07-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': role })
  kind: 'functionapp' // The platform makes the scale rules from the triggers that it finds in the image.
  identity: { type: 'SystemAssigned,UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    environmentId: environmentId
    workloadProfileName: device == 'none' ? 'Consumption' : device
    configuration: {
      // Two revisions would share one queue: messages of the new one would be done by the old one.
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 5
      registries: [{ server: registry, identity: identityId }]
      ingress: { external: external, targetPort: 8080, transport: 'auto', allowInsecure: false }
    }
    template: {
      // A stopped worker gives its job back in under a second; this is for the rest: fetching a model, a sweep.
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'perk'
          image: image
          resources: role == 'api' ? { cpu: json('1'), memory: '2Gi' } : { cpu: json(resources[device].cpu), memory: resources[device].memory }
          env: [for s in environmentVariables: { name: s.key, value: s.value }]
          probes: [
            // A worker has a minute to start; the image is there by then. Readiness does not ask for storage: the app's roles come after its first revision, which would never be ready.
            { type: 'Startup', httpGet: { path: '/health/live', port: 8080 }, periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 36 }
            { type: 'Liveness', httpGet: { path: '/health/live', port: 8080 }, periodSeconds: 30, timeoutSeconds: 10, failureThreshold: 4 }
            { type: 'Readiness', httpGet: { path: '/health/live', port: 8080 }, periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 4 }
          ]
        }
      ]
      scale: { minReplicas: minReplicas, maxReplicas: maxReplicas, pollingInterval: 30, cooldownPeriod: cooldownSeconds }
    }
  }
}

module grants 'modules/access.bicep' = {
  name: 'access-${role}'
  params: {
    accountName: storageAccount
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
    granted: granted
  }
}
