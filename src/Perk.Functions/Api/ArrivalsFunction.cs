using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Hosting;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Functions.Api;

/// <summary>Submits what was uploaded.</summary>
/// <param name="work">What every host does with a message.</param>
public sealed class ArrivalsFunction(QueueWork work)
{
    /// <summary>Works on a message of the queue <c>arrivals</c>, which Event Grid fills.</summary>
    [Function("arrivals")]
    public Task ArrivedAsync([QueueTrigger(Names.ArrivalsQueue, Connection = StorageSettings.Key)] QueueMessage message, CancellationToken cancel) =>
        work.RunAsync(Names.ArrivalsQueue, message.MessageId, message.Body.ToMemory(), cancel);
}
