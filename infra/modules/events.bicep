metadata description = 'Blobs that others write to the container uploads: Event Grid tells of them on the queue arrivals.'

import { roles } from 'roles.bicep'

param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags
param accountName string

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: accountName

  resource queues 'queueServices' existing = {
    name: 'default'

    resource arrivals 'queues' existing = { name: 'arrivals' }
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${accountName}'
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    source: account.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

resource sender 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account::queues::arrivals
  name: guid(account::queues::arrivals.id, topic.id, roles.queueSender)
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.queueSender)
  }
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'uploads-to-arrivals'
  dependsOn: [sender]
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated']
      // Our own writes to the other containers are no arrivals.
      subjectBeginsWith: '/blobServices/default/containers/uploads/'
    }
    // An event that is dropped after a day loses nothing: the sweep takes its blob.
    retryPolicy: { eventTimeToLiveInMinutes: 1440, maxDeliveryAttempts: 30 }
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: account.id
          queueName: account::queues::arrivals.name
          queueMessageTimeToLiveInSeconds: -1
        }
      }
    }
  }
}
