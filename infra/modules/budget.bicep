metadata description = 'A monthly budget over the resource group that tells people at half, nine tenths and all of it. It stops nothing.'

@description('In the currency of the billing account.')
param amount int

@description('Whom it tells.')
param emails string[]

@description('The first of a month, from which it counts.')
param start string

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: 'perk-monthly'
  properties: {
    amount: amount
    category: 'Cost'
    timeGrain: 'Monthly'
    timePeriod: { startDate: start }
    notifications: toObject([50, 90, 100], percent => 'at${percent}', percent => {
      enabled: true
      operator: 'GreaterThanOrEqualTo'
      threshold: percent
      thresholdType: 'Actual'
      contactEmails: emails
    })
  }
}
