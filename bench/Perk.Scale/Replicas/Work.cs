using Perk.Core.Jobs;
using Perk.Scale.Events;
using Perk.Scale.Queues;

namespace Perk.Scale.Replicas;

/// <summary>What a replica does with a message, from its receipt to its end.</summary>
/// <param name="around">What replicas share.</param>
/// <param name="message">The message.</param>
/// <param name="charge">Told what the time was spent on.</param>
/// <param name="done">Told when the replica is free again.</param>
/// <param name="kill">Kills the replica's process.</param>
internal sealed class Work(Surroundings around, Message message, Action<Spent> charge, Action done, Action kill)
{
    /// <summary>Seconds until a message comes again whose job another replica has: <c>Perk__Questions__Wait</c>.</summary>
    private const double BusySeconds = 5;

    private Planned? _next;
    private bool _hasJob;

    /// <summary>Begins; nothing else was done with the message yet.</summary>
    public void Begin()
    {
        if (message.Received > around.Options.Trigger.MaxDequeueCount)
        {
            _next = around.Loop.After(0, () => Finish(Poison, Spent.Duplicate));
            return;
        }

        var start = around.Ledger.Begin(message.Job);
        _hasJob = start == JobStartKind.Begun;
        if (_hasJob) Try();
        else _next = around.Loop.After(around.Options.Work.OverheadSeconds, () => Drop(again: start == JobStartKind.Busy));
    }

    /// <summary>The replica goes: the message comes again a little later, and no try is used up.</summary>
    public void Release()
    {
        _next?.Cancel();
        if (_hasJob) message.Job.GiveBack(counts: false);
        around.Queue.Return(message, around.Options.Trigger.StopTimeout.TotalSeconds + around.Options.Trigger.VisibilityTimeout.TotalSeconds);
    }

    /// <summary>The process is killed: the message comes again when its lock, renewed at half of it, runs out.</summary>
    public void Abandon()
    {
        _next?.Cancel();
        if (_hasJob) around.Ledger.Abandon(message.Job);
        var held = around.Loop.Now - message.LockedAt;
        var (span, renewal) = (around.Options.Trigger.LockDuration.TotalSeconds, around.Options.Trigger.LockDuration.TotalSeconds / 2);
        around.Queue.Return(message, span - held % renewal);
    }

    private void Try()
    {
        around.Began?.Invoke(message.Job);
        var (random, seconds) = (around.Draws[Purpose.Failures], message.Job.Document.Seconds);
        var (fails, part) = (random.NextDouble() < around.Options.Faults.FailingShare, random.NextDouble());
        _next = message.Job.Document.Kills ? around.Loop.After(seconds * part, kill)
            : fails ? around.Loop.After(seconds * part, Fail)
            : around.Loop.After(seconds, Succeed);
    }

    private void Succeed() => Finish(
        () =>
        {
            around.Ledger.Succeed(message.Job);
            around.Queue.Delete();
        },
        Spent.Useful);

    private void Fail() => Finish(
        () =>
        {
            message.Job.GiveBack(counts: true);
            if (message.Received < around.Options.Trigger.MaxDequeueCount) around.Queue.Return(message, around.Options.Trigger.VisibilityTimeout.TotalSeconds);
            else Poison();
        },
        Spent.Failed);

    private void Drop(bool again) => Finish(
        () =>
        {
            if (again) around.Queue.Send(new Message(message.Job), BusySeconds);
            around.Queue.Delete();
        },
        Spent.Duplicate);

    /// <summary>The time is billed before the job ends: with the last job waiting becomes cooling down.</summary>
    private void Finish(Action settle, Spent on)
    {
        charge(on);
        settle();
        done();
    }

    private void Poison()
    {
        if (around.Ledger.Poisoned(message.Job) is { } delay) around.Queue.Send(new Message(message.Job), delay);
        around.Queue.Delete();
    }
}
