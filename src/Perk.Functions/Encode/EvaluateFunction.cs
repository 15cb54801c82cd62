using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Hosting;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Functions.Encode;

/// <summary>Evaluates the checkpoint.</summary>
/// <param name="work">What every host does with a message.</param>
public sealed class EvaluateFunction(QueueWork work)
{
    /// <summary>Works on a message of the queue <c>evaluate</c>.</summary>
    [Function("evaluate")]
    public Task EvaluateAsync([QueueTrigger(Names.EvaluateQueue, Connection = StorageSettings.Key)] QueueMessage message, CancellationToken cancel) =>
        work.RunAsync(Names.EvaluateQueue, message.MessageId, message.Body.ToMemory(), cancel);
}
