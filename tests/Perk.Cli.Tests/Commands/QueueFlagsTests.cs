using System.CommandLine;
using Perk.Cli.Commands;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Commands;

public sealed class QueueFlagsTests
{
    [Fact]
    public void Over_SomeGiven_WinOverTheFileAndTheOthersStay()
    {
        var flags = new QueueFlags();
        var command = new Command("serve");
        flags.AddTo(command);
        var file = new QueueListenerOptions { BatchSize = 8, NewBatchThreshold = 4, MaxDequeueCount = 2 };
        var options = flags.Over(file, command.Parse("--batch-size 1 --retry-delay 00:00:02 --lock 00:00:03 --poll 00:00:01"));
        var expected = file with
        {
            BatchSize = 1,
            VisibilityTimeout = TimeSpan.FromSeconds(2),
            LockDuration = TimeSpan.FromSeconds(3),
            MaxPollingInterval = TimeSpan.FromSeconds(1),
        };
        Assert.Equal(expected, options);
    }
}
