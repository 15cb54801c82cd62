metadata description = 'The identity of one role\'s app that exists before the app: its roles are in force when the first replica starts.'

param name string
param location string
param tags resourceInput<'Microsoft.Resources/resourceGroups@2025-04-01'>.tags

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output clientId string = identity.properties.clientId
output principalId string = identity.properties.principalId
