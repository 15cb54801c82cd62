using Microsoft.Extensions.Logging;
using Perk.Core.Hosting;
using Perk.Core.Jobs;
using Perk.Core.Storage;

namespace Perk.Core.Documents;

/// <summary>Submits what others put into the container <c>uploads</c>: as <c>{collection}/{name}</c>, or as <c>{collection}/{sha256}/{name}</c> where the sender said beforehand what would come.</summary>
/// <remarks>Event Grid tells of each blob; a sweep finds those whose event was lost, and all of them where there is no Event Grid, as at the emulator.</remarks>
/// <param name="account">Blobs and queues.</param>
/// <param name="submission">Submits.</param>
/// <param name="ledger">The job records.</param>
/// <param name="model">Knows adapter ids.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told what arrives.</param>
public sealed class Arrivals(StorageAccount account, Submission submission, JobLedger ledger, ServedModel model, TimeProvider time, ILogger logger)
{
    /// <summary>How long a sweep leaves a blob alone, which its event finds sooner.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Uploads _uploads = new(account);

    /// <summary>How long a blob without a byte may be one whose writer has only begun.</summary>
    private static readonly TimeSpan EmptyPatience = TimeSpan.FromHours(1);

    /// <summary>What a document's name in the container may not be; else an address would lead elsewhere.</summary>
    public const string NameForm = "no '\\' or control character, and between '/' neither nothing nor what ends with '.'";

    /// <summary>Where a document whose hash is known beforehand is to be put.</summary>
    public static string PathOf(string collection, string document, string name) =>
        $"{NameRules.Good(collection, NameRules.CollectionFault, nameof(collection))}/{NameRules.Good(document, NameRules.DocumentIdFault, nameof(document))}/{NameRules.Good(name, NameFault, nameof(name))}";

    /// <summary>Null for a name that can stand in an address.</summary>
    public static string? NameFault(string? name) => name is { Length: > 0 } && name.Split('/').All(s => s.Length > 0 && s[^1] != '.') && !name.Any(c => c == '\\' || char.IsControl(c))
        ? null : $"{NameRules.Quote(name)} is not the name of an upload: {NameForm}.";

    /// <summary>Submits the blobs that a message of the arrivals queue tells of.</summary>
    /// <param name="messageId">The message's id.</param>
    /// <param name="body">Its body, decoded from base64.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task TakeAsync(string messageId, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        try
        {
            foreach (var blob in BlobCreatedEvent.Parse(body).Where(b => b.Container == Names.Uploads))
            {
                if (NameFault(blob.Path) is { } fault) throw new MessageFormatException($"The message tells of a blob that cannot be: {fault}");
                if (await _uploads.FindAsync(blob.Path, cancel) is not { Refused: null } found) continue; // It was taken, or has its reason.
                if (await TakeAsync(found, cancel) is { } reason) await DeadLetterAsync(reason);
            }
        }
        catch (MessageFormatException e)
        {
            HostLog.Malformed(logger, Names.ArrivalsQueue, messageId);
            await DeadLetterAsync(e.Message);
        }

        Task DeadLetterAsync(string reason) => DeadLetter.SaveAsync(account.Objects, Names.ArrivalsQueue, messageId, body, reason, time.GetUtcNow(), cancel);
    }

    /// <summary>Submits what has lain there for a while.</summary>
    /// <returns>How many blobs were taken.</returns>
    public async Task<int> SweepAsync(CancellationToken cancel)
    {
        var taken = 0;
        await foreach (var blob in _uploads.ListAsync(cancel))
        {
            if (blob.Refused is not null || blob.Written + Patience > time.GetUtcNow()) continue;
            try
            {
                if (await TakeAsync(blob, cancel) is null) taken++;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                HostLog.UpkeepFailed(logger, $"taking {Excerpt.Of(blob.Path)}", e); // The others are taken all the same.
            }
        }

        return taken;
    }

    /// <summary>Submits a blob, then removes it: killed in between it is submitted twice, which is done once.</summary>
    /// <returns>Why it cannot be submitted; null where it is, or is gone.</returns>
    private async Task<string?> TakeAsync(UploadedBlob blob, CancellationToken cancel)
    {
        if (blob.IsFolder || (blob.Length == 0 && blob.Written + EmptyPatience > time.GetUtcNow())) return null; // Some writers make a blob first and fill it then.
        var where = $"{Names.Uploads}/{Excerpt.Of(blob.Path)}";
        var (collection, declared, name) = Parts(blob.Path);
        try
        {
            if (collection is null) throw new DocumentException($"The blob {where} names no collection; put it at {Names.Uploads}/COLLECTION/NAME, where a collection is 1 to 63 lower-case letters, digits and '-'.");
            TextDecoder.RequireLength(blob.Length);
            if (await _uploads.ReadAsync(blob, cancel) is not { } content) return null;
            if (declared is not null && Ids.Sha256(content) is var found && found != declared)
                throw new DocumentException($"The {content.Length} bytes at {where} have sha256 {found}, not {declared} as was announced; upload them again.");
            var sent = await submission.SendDocumentAsync(collection, content, name, cancel);
            HostLog.Arrived(logger, where, sent.Job);
            await _uploads.DeleteAsync(blob, cancel);
            return null;
        }
        catch (DocumentException e)
        {
            HostLog.Refused(logger, where, e.Message);
            if (collection is not null && declared is not null) await FailAsync(collection, declared, e.Message, cancel);
            await _uploads.RefuseAsync(blob, e.Message, cancel);
            return e.Message;
        }
    }

    /// <summary>Whoever announced the upload looks at its job.</summary>
    private async Task FailAsync(string collection, string document, string reason, CancellationToken cancel)
    {
        var job = Names.EncodeJob(model.AdapterId(collection, document));
        if (await JobRecord.FindAsync(account.Objects, collection, job, cancel) is not null) return; // The right bytes came before.
        var message = new EncodeMessage { Collection = collection, Document = document, Checkpoint = model.Id, Job = job };
        await ledger.RefuseAsync(new JobMessage(Names.EncodeQueue, collection, job, message.Generation, message.ToJson()), reason, cancel);
    }

    private static (string? Collection, string? Document, string Name) Parts(string path)
    {
        var parts = path.Split('/', 2);
        if (parts.Length < 2 || parts[1].Length == 0 || NameRules.CollectionFault(parts[0]) is not null) return (null, null, path);
        var rest = parts[1].Split('/', 2);
        return rest.Length == 2 && rest[1].Length > 0 && NameRules.DocumentIdFault(rest[0]) is null ? (parts[0], rest[0], rest[1]) : (parts[0], null, parts[1]);
    }
}
