using System.Text;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging.Abstractions;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Core.Tests.Documents;
using Perk.Tests;

namespace Perk.Core.Tests.Jobs;

/// <summary>On the emulator: somebody breaks the lease of a host that is at work, and another host takes the job.</summary>
public sealed class StolenLeaseTests(AzuriteFixture azurite)
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_LeaseBrokenAndTakenByAnother_TheFirstIsRefusedAndOneAdapterStays()
    {
        var account = await azurite.AccountAsync();
        var collection = azurite.UniqueName("stolen");
        using var slow = new Pipeline(account.Objects);
        using var quick = new Pipeline(account.Objects);
        var document = await slow.SubmitAsync(collection: collection);
        var message = slow.ToEncode(document, collection);
        var body = Encoding.UTF8.GetBytes(message.ToJson());

        await slow.Gate.WaitAsync(Now); // The first host is at work, and does not come to its end.
        var first = HandlersOf(slow, "first").EncodeAsync("m-1", body, null, Now);
        while ((await RecordAsync())?.Status != JobStatus.Running) await Task.Delay(20, Now);
        var blob = account.Blobs.GetBlobContainerClient(Names.Jobs).GetBlobClient($"{collection}/{message.Job}.json");
        await blob.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, cancellationToken: Now);

        var second = await HandlersOf(quick, "second").EncodeAsync("m-1", body, null, Now);
        Assert.Equal((JobOutcomeKind.Ended, JobStatus.Succeeded), (second!.Kind, second.Record!.Status));
        var ended = await blob.DownloadContentAsync(Now);

        slow.Gate.Release(); // Too late: the record says what the second host wrote, and nothing was written twice.
        await Assert.ThrowsAsync<LeaseLostException>(() => first);
        Assert.Equal(("second", JobStatus.Succeeded, 1), ((await RecordAsync())!.Worker, (await RecordAsync())!.Status, (await RecordAsync())!.Attempt));
        Assert.Equal(ended.Value.Details.ETag, (await blob.GetPropertiesAsync(cancellationToken: Now)).Value.ETag);
        Assert.Single(await new AdapterArchive(account.Objects).StartingWithAsync(collection, "", Now));
        Assert.NotNull(await new AdapterArchive(account.Objects).FindWholeAsync(collection, Names.AdapterOf(message.Job), Now));

        Task<JobRecord?> RecordAsync() => JobRecord.FindAsync(account.Objects, collection, message.Job, Now);
    }

    private static QueueHandlers HandlersOf(Pipeline pipeline, string worker)
    {
        var ledger = new JobLedger(pipeline.Store, new JobOptions { Lease = JobOptions.ShortestLease }, TimeProvider.System, worker);
        return new QueueHandlers(pipeline.Store, ledger, new JobHost(ledger, NullLogger.Instance), pipeline.Encode, pipeline.Questions, pipeline.Evaluation, TimeProvider.System);
    }
}
