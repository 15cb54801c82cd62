using Perk.Cli.Serve;
using Perk.Core.Storage;

namespace Perk.Cli.Tests.Serve;

public sealed class HostJsonTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_QueueSettings_GoOverTheStandardOnes()
    {
        var options = Read("""
            {
              // as the Functions host reads it
              "version": "2.0",
              "extensions": { "queues": { "batchSize": 8, "newBatchThreshold": 3, "maxDequeueCount": 2,
                "visibilityTimeout": "00:01:00", "maxPollingInterval": "00:00:02", "messageEncoding": "base64", }, "http": {} },
            }
            """);
        var expected = new QueueListenerOptions
        {
            BatchSize = 8,
            NewBatchThreshold = 3,
            MaxDequeueCount = 2,
            VisibilityTimeout = TimeSpan.FromMinutes(1),
            MaxPollingInterval = TimeSpan.FromSeconds(2),
        };
        Assert.Equal(expected, options);
    }

    [Theory]
    [InlineData("""{"version":"2.0"}""")]
    [InlineData("""{"extensions":{"queues":{"batchSize":0}}}""")] // one, as in Azure
    public void Read_NothingSet_IsTheStandard(string text) => Assert.Equal(new QueueListenerOptions(), Read(text));

    [Theory]
    [InlineData("nonsense", "is not a host.json")]
    [InlineData("""{"extensions":{"queues":{"batchSize":"8"}}}""", "extensions.queues.batchSize is \"8\"")]
    [InlineData("""{"extensions":{"queues":{"visibilityTimeout":"soon"}}}""", "extensions.queues.visibilityTimeout is \"soon\"")]
    [InlineData("""{"extensions":{"queues":{"messageEncoding":"none"}}}""", "bodies are base64")]
    [InlineData("""{"extensions":{"queues":{"batchSize":99}}}""", "BatchSize must be between 1 and 32")]
    [InlineData("""{"extensions":{"queues":{"batchSize":99}}}""", "extensions.queues.batchSize is 99")]
    [InlineData("""{"extensions":{"queues":{"visibilityTimeout":"30.00:00:00"}}}""", "VisibilityTimeout must be between 00:00:00 and 7 days.")]
    public void Read_WrongSetting_NamesFileAndSetting(string text, string reason)
    {
        var message = Assert.ThrowsAny<ArgumentException>(() => Read(text)).Message;
        Assert.Contains("host.json is not a host.json: ", message);
        Assert.Contains(reason, message);
        Assert.DoesNotContain("Parameter", message);
    }

    [Fact]
    public void Read_LongWrongSetting_IsToldInASentenceThatCanBeRead() => Assert.InRange(
        Assert.ThrowsAny<ArgumentException>(() => Read($$$"""{"extensions":{"queues":{"batchSize":"{{{new string('8', 9000)}}}"} } }""")).Message.Length, 80, 600);

    [Fact]
    public async Task Serve_HostJson_IsReadAndTheCommandLineWins()
    {
        _folder.Add("host.json", """{"extensions":{"queues":{"batchSize":99}}}"""u8.ToArray());
        var refused = await PerkProcess.RunAsync(_folder.Path, ["serve", "--host-json", "host.json"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("BatchSize must be between 1 and 32", refused.Errors);

        var missing = await PerkProcess.RunAsync(_folder.Path, ["serve", "--host-json", "nowhere.json"]);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("nowhere.json", missing.Errors);
    }

    private QueueListenerOptions Read(string text) =>
        HostJson.Read(_folder.Add("host.json", System.Text.Encoding.UTF8.GetBytes(text)));
}
