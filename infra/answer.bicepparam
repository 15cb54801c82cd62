using 'app.bicep'
extends 'shared.bicepparam'

param role = 'answer'
param device = readEnvironmentVariable('PERK_ANSWER_GPU', 'none')
param external = false
param minReplicas = int(readEnvironmentVariable('PERK_ANSWER_MIN_REPLICAS', '0'))
param maxReplicas = int(readEnvironmentVariable('PERK_ANSWER_MAX_REPLICAS', '10'))
param cooldownSeconds = int(readEnvironmentVariable('PERK_ANSWER_COOLDOWN_SECONDS', '300'))
param roleSettings = loadJsonContent('../src/Perk.Functions/roles/answer.json')

// What azd deploy has pushed.
param image = readEnvironmentVariable('SERVICE_ANSWER_IMAGE_NAME')

// What azd provision has made (outputs of main.bicep).
param name = readEnvironmentVariable('PERK_ANSWER_NAME')
param identityId = readEnvironmentVariable('PERK_ANSWER_IDENTITY_ID')
param clientId = readEnvironmentVariable('PERK_ANSWER_CLIENT_ID')
param hostStorageAccount = readEnvironmentVariable('PERK_ANSWER_HOST_STORAGE')

// Reads adapters and models, writes answers. It encodes nothing.
param granted = {
  containers: [
    { name: 'documents', role: 'blobContributor' }
    { name: 'adapters', role: 'blobReader' }
    { name: 'answers', role: 'blobContributor' }
    { name: 'jobs', role: 'blobContributor' }
    { name: 'deadletters', role: 'blobContributor' }
    { name: 'models', role: 'blobReader' }
  ]
  queues: [
    { name: 'questions', role: 'queueContributor' }
    { name: 'questions-poison', role: 'queueSender' }
    { name: 'encode', role: 'queueReader' } // Readiness looks whether it is there.
  ]
  delegates: false
}
