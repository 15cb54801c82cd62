metadata description = 'The account of the documents: containers, queues, what is deleted when. Shared keys are off.'

param name string
param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags

@description('Days for which a deleted blob or container can be had back. What "deleted" promises to others is late by as many.')
@minValue(1)
@maxValue(365)
param softDeleteDays int

@description('Days after which dead letters and refused uploads are deleted.')
@minValue(1)
param keepDays int

@description('Days after which answers are deleted; 0 keeps them until their documents go.')
@minValue(0)
param answerDays int

@description('Whether the account is reached through private endpoints, and by Event Grid, only.')
param private bool

@description('How often, and where, each byte is kept: Standard_ZRS over the zones of a region that has them.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS', 'Standard_RAGZRS'])
param redundancy string

@description('As in src/Perk.Core/Storage/Names.cs.')
var containers = ['documents', 'adapters', 'answers', 'jobs', 'batches', 'deadletters', 'reports', 'models', 'uploads']

@description('As in src/Perk.Core/Storage/Names.cs. A scale rule on a queue that is missing holds its app at the most replicas: the poison queues are made here too.')
var queues = ['encode', 'questions', 'evaluate', 'arrivals']

@description('What is deleted by age. Documents, adapters and job records go by perk documents delete and perk jobs purge.')
var expiring = concat([{ prefixes: ['deadletters/', 'uploads/'], days: keepDays }], answerDays > 0 ? [{ prefixes: ['answers/'], days: answerDays }] : [])

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    // Not disabled, but closed: Event Grid delivers as a trusted service, which an account without a public end refuses (others report).
    publicNetworkAccess: 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: private ? 'Deny' : 'Allow'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    // A version would outlive the deletion of its document: an adapter can reproduce its text.
    isVersioningEnabled: false
    deleteRetentionPolicy: { enabled: true, days: softDeleteDays }
    containerDeleteRetentionPolicy: { enabled: true, days: softDeleteDays }
  }
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = [
  for name in containers: {
    parent: blobs
    name: name
    properties: { publicAccess: 'None' }
  }
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = [
  for name in queues: {
    parent: queueService
    name: name
  }
]

resource poisonQueue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = [
  for name in queues: {
    parent: queueService
    name: '${name}-poison'
  }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        for each in expiring: {
          name: 'expire-${replace(each.prefixes[0], '/', '')}'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: each.prefixes }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: each.days } } }
          }
        }
      ]
    }
  }
}

output name string = account.name
output id string = account.id
