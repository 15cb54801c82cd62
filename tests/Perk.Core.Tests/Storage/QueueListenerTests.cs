using System.Collections.Concurrent;
using System.Diagnostics;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Perk.Core.Storage;
using Perk.Tests;

namespace Perk.Core.Tests.Storage;

/// <summary>The listener on a real queue. The service counts hidden time in whole seconds: so do the spans here.</summary>
public sealed class QueueListenerTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly QueueListenerOptions Fast = new()
    {
        MinPollingInterval = TimeSpan.FromMilliseconds(20),
        MaxPollingInterval = TimeSpan.FromMilliseconds(100),
        VisibilityTimeout = Second,
        LockDuration = TimeSpan.FromSeconds(30),
        StopTimeout = Second,
    };

    private readonly ConcurrentQueue<(string Body, long Attempt, long At)> _calls = new();
    private readonly CancellationTokenSource _stop =
        CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private QueueClient _queue = null!;
    private QueueClient _poison = null!;

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var account = await azurite.AccountAsync();
        var name = azurite.UniqueName("listened");
        _queue = account.Queue(name);
        _poison = account.Queue(Names.PoisonOf(name));
        await _queue.CreateAsync(cancellationToken: Now);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Run_HandlerReturns_MessageIsDeleted()
    {
        await _queue.SendMessageAsync("hello", Now);
        var running = Listen(Fast, (_, _) => Task.CompletedTask);
        await Until(async () => await Left() == 0 && !_calls.IsEmpty);
        await StopAsync(running);
        Assert.Equal(["hello"], _calls.Select(call => call.Body));
    }

    [Fact]
    public async Task Run_HandlerAlwaysThrows_TriedAfterTheDelayAndPoisonedAtTheCount()
    {
        var body = """{"v":1,"text":"Häuptling 🐻"}""";
        await _queue.SendMessageAsync(body, Now);
        var (reasons, kept) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        var running = Listen(
            Fast with { MaxDequeueCount = 3 },
            (_, _) => throw new InvalidDataException("no such page"),
            async (message, reason, _) =>
            {
                kept.Enqueue(Assert.Single((await PoisonBodies())!));
                reasons.Enqueue($"{message.MessageText}: {reason}");
            });
        await Until(async () => await Left() == 0 && !reasons.IsEmpty);
        await StopAsync(running);

        Assert.Equal([1, 2, 3], _calls.Select(call => call.Attempt));
        var times = _calls.Select(call => call.At).ToArray();
        foreach (var (earlier, later) in times.Zip(times.Skip(1)))
            Assert.InRange(Stopwatch.GetElapsedTime(earlier, later), TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(6));
        Assert.Equal(body, Assert.Single(kept)); // Safe while it was dealt with, and gone after that.
        Assert.Empty((await PoisonBodies())!);
        var reason = Assert.Single(reasons);
        Assert.Contains("failed 3 times", reason);
        Assert.Contains("no such page", reason);
    }

    [Fact]
    public async Task Run_PoisonCannotBeDealtWith_ItStaysForASweep()
    {
        await _queue.SendMessageAsync("x", Now);
        var running = Listen(Fast with { MaxDequeueCount = 1 }, (_, _) => throw new InvalidDataException(), (_, _, _) => throw new IOException("the storage is away"));
        await Until(async () => await Left() == 0);
        await StopAsync(running);
        Assert.Equal("x", Assert.Single((await PoisonBodies())!));
    }

    [Fact]
    public async Task Run_PoisonMessage_NeverExpires()
    {
        await _queue.SendMessageAsync("x", Now);
        var running = Listen(Fast with { MaxDequeueCount = 1 }, (_, _) => throw new InvalidDataException());
        await Until(async () => await PoisonBodies() is [_]);
        await StopAsync(running);
        var peeked = (await _poison.PeekMessagesAsync(1, Now)).Value[0];
        Assert.True(peeked.ExpiresOn - peeked.InsertedOn > TimeSpan.FromDays(3650), $"it expires on {peeked.ExpiresOn}");
    }

    [Fact]
    public async Task Run_ReceivedTooOftenAlready_PoisonedWithoutACall()
    {
        await _queue.SendMessageAsync("killer", Now);
        for (var i = 0; i < 2; i++)
        {
            // A process that dies with the message in hand says nothing: the message comes back when its lock ends.
            await Until(async () => (await _queue.ReceiveMessagesAsync(1, Second, Now)).Value.Length == 1);
        }

        var running = Listen(Fast with { MaxDequeueCount = 2 }, (_, _) => Task.CompletedTask);
        await Until(async () => await PoisonBodies() is ["killer"]);
        await Until(async () => await Left() == 0);
        await StopAsync(running);
        Assert.Empty(_calls);
    }

    [Fact]
    public async Task Run_ReceivedOftenButNotTooOften_IsCalledOnceMore()
    {
        await _queue.SendMessageAsync("once more", Now);
        await Until(async () => (await _queue.ReceiveMessagesAsync(1, Second, Now)).Value.Length == 1);
        var running = Listen(Fast with { MaxDequeueCount = 2 }, (_, _) => Task.CompletedTask);
        await Until(async () => await Left() == 0);
        await StopAsync(running);
        Assert.Equal([2], _calls.Select(call => call.Attempt));
        Assert.Null(await PoisonBodies());
    }

    [Fact]
    public async Task Run_HandlerOutlastsTheLock_LockIsRenewedAndNobodyElseGetsTheMessage()
    {
        await _queue.SendMessageAsync("slow", Now);
        var options = Fast with { BatchSize = 2, NewBatchThreshold = 1, LockDuration = 2 * Second };
        var running = Listen(options, (_, token) => Task.Delay(5 * Second, token));
        await Until(async () => await Left() == 0);
        await StopAsync(running);
        Assert.Equal([1], _calls.Select(call => call.Attempt));
    }

    [Fact]
    public async Task Run_MessageTakenAwayMeanwhile_HandlerIsCancelledAndTheMessageLeftAlone()
    {
        await _queue.SendMessageAsync("mine", Now);
        QueueMessage? held = null;
        var cancelled = new TaskCompletionSource();
        var running = Listen(Fast with { LockDuration = 2 * Second, MaxDequeueCount = 1 }, async (message, token) =>
        {
            held = message;
            token.Register(cancelled.SetResult);
            await Task.Delay(Patience, token);
        });
        await Until(() => Task.FromResult(held is not null));
        await _queue.UpdateMessageAsync(held!.MessageId, held.PopReceipt, visibilityTimeout: Patience, cancellationToken: Now);
        await cancelled.Task.WaitAsync(Patience, Now);
        await Task.Delay(Second, Now);
        await StopAsync(running);
        Assert.Single(_calls);
        Assert.Equal(1, await Left());
        Assert.Null(await PoisonBodies());
    }

    [Fact]
    public async Task Run_Cancelled_HandlerIsCancelledAndTheMessageComesBackAfterTheDelay()
    {
        await _queue.SendMessageAsync("interrupted", Now);
        var running = Listen(Fast with { MaxDequeueCount = 1 }, (_, token) => Task.Delay(Patience, token));
        await Until(() => Task.FromResult(!_calls.IsEmpty));
        var clock = Stopwatch.StartNew();
        await StopAsync(running);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, 2 * Second);
        Assert.Null(await PoisonBodies());

        QueueMessage[] back = [];
        await Until(async () => (back = (await _queue.ReceiveMessagesAsync(1, Second, Now)).Value).Length == 1);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(6));
        Assert.Equal((2, "interrupted"), (back[0].DequeueCount, back[0].MessageText));
    }

    [Fact]
    public async Task Run_CancelledAndTheHandlerDoesNotListen_ReturnsAndReleasesAllTheSame()
    {
        await _queue.SendMessageAsync("deaf", Now);
        using var end = new ManualResetEventSlim();
        var running = Listen(Fast, (_, _) =>
        {
            end.Wait(Patience, Now);
            return Task.CompletedTask;
        });
        await Until(() => Task.FromResult(!_calls.IsEmpty));
        var clock = Stopwatch.StartNew();
        await StopAsync(running);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, 3 * Second);
        await Until(async () => (await _queue.ReceiveMessagesAsync(1, Second, Now)).Value.Length == 1);
        end.Set();
    }

    [Fact]
    public async Task Run_OneMessageFails_TheNextIsWorkedOnMeanwhile()
    {
        await _queue.SendMessageAsync("bad", Now);
        await _queue.SendMessageAsync("good", Now);
        var running = Listen(
            Fast with { VisibilityTimeout = Patience },
            (message, _) => message.MessageText == "bad" ? throw new InvalidDataException() : Task.CompletedTask);
        await Until(async () => await Left() == 1 && _calls.Count == 2);
        await StopAsync(running);
        Assert.Equal(["bad", "good"], _calls.Select(call => call.Body));
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(2, 1)]
    public async Task Run_ManyMessages_AsManyAtOnceAsAllowedAndNoMore(int batchSize, int newBatchThreshold)
    {
        const int Messages = 9;
        for (var i = 0; i < Messages; i++) await _queue.SendMessageAsync($"{i}", Now);
        int running = 0, most = 0;
        var gate = new Lock();
        var options = Fast with { BatchSize = batchSize, NewBatchThreshold = newBatchThreshold };
        var listening = Listen(options, async (message, token) =>
        {
            lock (gate) most = Math.Max(most, ++running);
            await Task.Delay(message.MessageText is [.., '0' or '2' or '4' or '6' or '8'] ? 100 : 400, token);
            lock (gate) running--;
        });
        await Until(async () => await Left() == 0);
        await StopAsync(listening);
        Assert.Equal(Messages, _calls.Select(call => call.Body).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(batchSize + newBatchThreshold, most);
    }

    [Fact]
    public async Task Run_QueueMissingAtFirst_OutlivesItAndWorksLater()
    {
        await _queue.DeleteAsync(Now);
        var running = Listen(Fast, (_, _) => Task.CompletedTask);
        await Task.Delay(Second / 2, Now);
        Assert.False(running.IsCompleted);
        await _queue.CreateAsync(cancellationToken: Now);
        await _queue.SendMessageAsync("late", Now);
        await Until(() => Task.FromResult(!_calls.IsEmpty));
        await StopAsync(running);
    }

    [Fact]
    public async Task Run_BodyThatIsNotBase64_IsPoisonedAndTheNextIsWorkedOn()
    {
        var raw = new QueueClient(await azurite.ConnectionStringAsync(), _queue.Name);
        await raw.SendMessageAsync("<not base64>", Now);
        await _queue.SendMessageAsync("good", Now);
        var running = Listen(Fast, (_, _) => Task.CompletedTask);
        await Until(async () => await Left() == 0 && await PoisonBodies() is ["<not base64>"]);
        await StopAsync(running);
        Assert.Equal(["good"], _calls.Select(call => call.Body));
    }

    [Fact]
    public void Options_OutOfRange_AreRefusedByName()
    {
        Refused("BatchSize", () => Fast with { BatchSize = 33 });
        Refused("MaxDequeueCount", () => Fast with { MaxDequeueCount = 0 });
        Refused("LockDuration", () => Fast with { LockDuration = Second / 2 });
        Refused("VisibilityTimeout", () => Fast with { VisibilityTimeout = -Second });

        static void Refused(string name, Func<object> make) =>
            Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(make).ParamName);
    }

    private Task Listen(
        QueueListenerOptions options,
        Func<QueueMessage, CancellationToken, Task> handler,
        Func<QueueMessage, string, CancellationToken, Task>? poisoned = null)
    {
        Task Handle(QueueMessage message, CancellationToken token)
        {
            _calls.Enqueue((message.MessageText, message.DequeueCount, Stopwatch.GetTimestamp()));
            return handler(message, token);
        }

        var listener = new QueueListener(_queue, _poison, Handle, options, NullLogger.Instance, TimeProvider.System, poisoned);
        return listener.RunAsync(_stop.Token);
    }

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.WaitAsync(Patience, Now);
    }

    /// <summary>Messages in the queue, hidden ones too.</summary>
    private async Task<int> Left() => (await _queue.GetPropertiesAsync(Now)).Value.ApproximateMessagesCount;

    /// <summary>Bodies in the poison queue; null where there is no such queue.</summary>
    private async Task<string[]?> PoisonBodies() => await _poison.ExistsAsync(Now)
        ? [.. (await _poison.PeekMessagesAsync(32, Now)).Value.Select(message => message.Body.ToString())]
        : null;

    private static async Task Until(Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < Patience, "it did not happen in time");
            await Task.Delay(30, Now);
        }
    }
}
