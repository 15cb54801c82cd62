using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Hosting;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Functions.Api;

/// <summary>Deals with messages that the Functions host gave up.</summary>
/// <param name="work">What every host does with them.</param>
public sealed class PoisonFunctions(QueueWork work)
{
    /// <summary>Keeps a message of <c>encode-poison</c> with the reason.</summary>
    [Function("encode-poison")]
    public Task EncodeAsync([QueueTrigger(Names.EncodeQueue + Names.PoisonSuffix, Connection = StorageSettings.Key)] QueueMessage message, CancellationToken cancel) =>
        PoisonedAsync(Names.EncodeQueue, message, cancel);

    /// <summary>Keeps a message of <c>questions-poison</c> with the reason.</summary>
    [Function("questions-poison")]
    public Task QuestionsAsync([QueueTrigger(Names.QuestionsQueue + Names.PoisonSuffix, Connection = StorageSettings.Key)] QueueMessage message, CancellationToken cancel) =>
        PoisonedAsync(Names.QuestionsQueue, message, cancel);

    /// <summary>Keeps a message of <c>evaluate-poison</c> with the reason.</summary>
    [Function("evaluate-poison")]
    public Task EvaluateAsync([QueueTrigger(Names.EvaluateQueue + Names.PoisonSuffix, Connection = StorageSettings.Key)] QueueMessage message, CancellationToken cancel) =>
        PoisonedAsync(Names.EvaluateQueue, message, cancel);

    /// <summary>Keeps a message of <c>arrivals-poison</c> with the reason.</summary>
    [Function("arrivals-poison")]
    public Task ArrivalsAsync([QueueTrigger(Names.ArrivalsQueue + Names.PoisonSuffix, Connection = StorageSettings.Key)] QueueMessage message, CancellationToken cancel) =>
        PoisonedAsync(Names.ArrivalsQueue, message, cancel);

    private Task PoisonedAsync(string queue, QueueMessage message, CancellationToken cancel) =>
        work.PoisonedAsync(queue, message.MessageId, message.Body.ToMemory(), null, cancel);
}
