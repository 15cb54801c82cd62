using 'app.bicep'
extends 'shared.bicepparam'

param role = 'encode'
param device = readEnvironmentVariable('PERK_ENCODE_GPU', 'T4')
param external = false
param minReplicas = int(readEnvironmentVariable('PERK_ENCODE_MIN_REPLICAS', '0'))
param maxReplicas = int(readEnvironmentVariable('PERK_ENCODE_MAX_REPLICAS', '4'))
param cooldownSeconds = int(readEnvironmentVariable('PERK_ENCODE_COOLDOWN_SECONDS', '60'))
param roleSettings = loadJsonContent('../src/Perk.Functions/roles/encode.json')

// What azd deploy has pushed.
param image = readEnvironmentVariable('SERVICE_ENCODE_IMAGE_NAME')

// What azd provision has made (outputs of main.bicep).
param name = readEnvironmentVariable('PERK_ENCODE_NAME')
param identityId = readEnvironmentVariable('PERK_ENCODE_IDENTITY_ID')
param clientId = readEnvironmentVariable('PERK_ENCODE_CLIENT_ID')
param hostStorageAccount = readEnvironmentVariable('PERK_ENCODE_HOST_STORAGE')

// Reads documents and models, writes adapters and reports. It has no answers.
param granted = {
  containers: [
    { name: 'documents', role: 'blobContributor' }
    { name: 'adapters', role: 'blobContributor' }
    { name: 'jobs', role: 'blobContributor' }
    { name: 'deadletters', role: 'blobContributor' }
    { name: 'reports', role: 'blobContributor' }
    { name: 'models', role: 'blobReader' }
  ]
  queues: [
    { name: 'encode', role: 'queueContributor' }
    { name: 'evaluate', role: 'queueContributor' }
    { name: 'encode-poison', role: 'queueSender' }
    { name: 'evaluate-poison', role: 'queueSender' }
  ]
  delegates: false
}
