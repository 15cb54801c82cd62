using System.Text;
using Perk.Cli.Serve;

namespace Perk.Faults.Fuzzing.Families;

/// <summary>The <c>host.json</c> of a Functions app.</summary>
/// <param name="folder">A folder of its own.</param>
internal sealed class HostFiles(string folder) : Family
{
    private const string File = "host.json";

    /// <inheritdoc/>
    public override string Name => "host-json";

    /// <inheritdoc/>
    public override int Weight => 60;

    /// <inheritdoc/>
    public override IReadOnlyList<Sample> Samples { get; } =
    [
        new Sample("ours", File, System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", File))),
        new Sample("queues", File, Encoding.UTF8.GetBytes("""
            { // as the Functions host reads it
              "extensions": { "queues": { "batchSize": 8, "newBatchThreshold": 3, "maxDequeueCount": 2, "visibilityTimeout": "00:01:00", "maxPollingInterval": "00:00:02",
                "messageEncoding": "base64", }, }, }
            """)),
    ];

    /// <inheritdoc/>
    public override bool Read(Sample input)
    {
        input.WriteTo(folder);
        HostJson.Read(Path.Combine(folder, File));
        return true;
    }

    /// <inheritdoc/>
    public override bool IsRefusal(Exception e) => e is ArgumentException;

    /// <inheritdoc/>
    public override bool NamesInput(Exception refusal) => refusal.Message.Contains(File, StringComparison.Ordinal);
}
