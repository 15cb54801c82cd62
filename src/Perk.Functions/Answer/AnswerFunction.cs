using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker;
using Perk.Core.Hosting;
using Perk.Core.Settings;
using Perk.Core.Storage;

namespace Perk.Functions.Answer;

/// <summary>Answers questions from adapters.</summary>
/// <param name="work">What every host does with a message.</param>
public sealed class AnswerFunction(QueueWork work)
{
    /// <summary>Works on a message of the queue <c>questions</c>.</summary>
    [Function("answer")]
    public Task AnswerAsync([QueueTrigger(Names.QuestionsQueue, Connection = StorageSettings.Key)] QueueMessage message, CancellationToken cancel) =>
        work.RunAsync(Names.QuestionsQueue, message.MessageId, message.Body.ToMemory(), cancel);
}
