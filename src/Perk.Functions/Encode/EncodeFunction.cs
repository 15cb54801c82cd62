using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Hosting;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Functions.Encode;

/// <summary>Turns documents into adapters.</summary>
/// <param name="work">What every host does with a message.</param>
public sealed class EncodeFunction(QueueWork work)
{
    /// <summary>Works on a message of the queue <c>encode</c>.</summary>
    [Function("encode")]
    public Task EncodeAsync([QueueTrigger(Names.EncodeQueue, Connection = StorageSettings.Key)] QueueMessage message, CancellationToken cancel) =>
        work.RunAsync(Names.EncodeQueue, message.MessageId, message.Body.ToMemory(), cancel);
}
