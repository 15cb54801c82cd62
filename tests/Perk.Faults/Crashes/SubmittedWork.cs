using System.Text;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Faults.Crashes;

/// <summary>What a run submits, and how it is seen to end.</summary>
internal static class SubmittedWork
{
    /// <summary>Submits everything, and sends every message once more as it is.</summary>
    public static async Task<IReadOnlyList<string>> SubmitAsync(StorageAccount account, byte[][] documents, CancellationToken cancel)
    {
        var submission = new Submission(account, ServedModel.From(World.Source, World.Encoding), TimeProvider.System);
        var questions = new List<string>();
        foreach (var (i, document) in documents.Index())
        {
            var message = await submission.SendDocumentAsync(World.Collection, document, $"page-{i}.txt", cancel);
            await account.SendAsync(Names.EncodeQueue, Encoding.UTF8.GetBytes(message.ToJson()), TimeSpan.Zero, cancel);
            var asked = await submission.SendQuestionsAsync(World.Collection, message.Document, ["Where is Lily?", "Where is Tom?"], cancel);
            await account.SendAsync(Names.QuestionsQueue, Encoding.UTF8.GetBytes(asked.ToJson()), TimeSpan.Zero, cancel);
            questions.AddRange(asked.Questions.Select(q => q.Id));
        }

        return questions;
    }

    /// <summary>Whether so many jobs have ended.</summary>
    public static async Task<bool> HasEndedAsync(StorageAccount account, int jobs, CancellationToken cancel)
    {
        try
        {
            return await new JobCatalog(account.Objects).ListAsync(new JobFilter(World.Collection), cancel).CountAsync(j => j.HasEnded, cancel) >= jobs;
        }
        catch (Exception e) when (StorageFaults.Explain(e) is not null)
        {
            return false; // The emulator has not come up again.
        }
    }

    /// <summary>Waits, though not for ever, until the last messages are gone.</summary>
    public static async Task EmptyAsync(StorageAccount account, CancellationToken cancel)
    {
        for (var i = 0; i < 120; i++)
        {
            var left = 0;
            foreach (var name in new[] { Names.EncodeQueue, Names.QuestionsQueue })
                left += (await account.Queue(name).GetPropertiesAsync(cancel)).Value.ApproximateMessagesCount;
            if (left == 0) return;
            await Task.Delay(500, cancel);
        }
    }
}
