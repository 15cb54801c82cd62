using System.Diagnostics;
using Azure.Storage.Queues;
using Perk.Cli.Emulator;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Serve;

/// <summary>
/// A storage emulator of one test class: the queues' names are fixed, so classes that run at once must not share them. Its tests
/// run one after the other, each leaves the queues empty, and each has a collection of its own.
/// </summary>
public sealed class QueuesFixture : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private Azurite _azurite = null!;
    private int _collections;

    public string ConnectionString => _azurite.ConnectionString;

    public StorageAccount Account { get; private set; } = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _azurite = await Azurite.StartAsync(new AzuriteOptions(), CancellationToken.None);
        Account = StorageAccount.FromConnectionString(ConnectionString);
        await Account.EnsureQueuesAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync() => await _azurite.DisposeAsync();

    public string UniqueCollection() => $"tests-{Interlocked.Increment(ref _collections)}";

    /// <summary>A client that sends bodies as they are, as somebody else's might.</summary>
    public QueueClient Raw(string queue) =>
        new(ConnectionString, queue, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });

    /// <summary>Waits until a look finds something.</summary>
    public static async Task<T> FindAsync<T>(Func<Task<T?>> look, string what)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await look() is { } found) return found;
            Assert.True(clock.Elapsed < Patience, $"There is no {what} after {Patience}.");
            await Task.Delay(50, Now);
        }
    }

    /// <summary>Waits until neither queue holds a message, hidden or not.</summary>
    public async Task EmptyAsync()
    {
        foreach (var queue in new[] { Names.EncodeQueue, Names.QuestionsQueue })
            await FindAsync(async () => await CountAsync(queue) == 0 ? "" : null, $"end of the messages on {queue}");
    }

    public async Task<int> CountAsync(string queue) =>
        (await Account.Queue(queue).GetPropertiesAsync(Now)).Value.ApproximateMessagesCount;

    /// <summary>Takes what is on a poison queue.</summary>
    public async Task<string[]> TakePoisonAsync(string queue)
    {
        var client = Account.Queue(Names.PoisonOf(queue));
        var bodies = new List<string>();
        while ((await client.ReceiveMessagesAsync(32, cancellationToken: Now)).Value is { Length: > 0 } messages)
        {
            foreach (var message in messages)
            {
                bodies.Add(message.MessageText);
                await client.DeleteMessageAsync(message.MessageId, message.PopReceipt, Now);
            }
        }

        return [.. bodies];
    }
}
