using System.Text.Json;

namespace Perk.Cli.Tests.Commands;

/// <summary><c>perk encode</c> and <c>perk ask</c> on a folder of other people's files.</summary>
public sealed class EncodeAndAskTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Encode_FolderOfOtherPeoplesFiles_NamesTheBadOnesAndEncodesTheOthers()
    {
        _folder.Add("in/plain.txt", Small.Document("Lily"));
        _folder.Add("in/western.txt", Small.Western);
        _folder.Add("in/deeper/wide.txt", Small.Wide);
        _folder.Add("in/empty.txt", []);
        _folder.Add("in/spaces.txt", "  \n \t\n"u8.ToArray());
        _folder.Add("in/picture.txt", Small.Picture);

        var first = await Perk(["encode", "in", "--json"]);
        Assert.Equal(1, first.ExitCode);
        using var json = JsonDocument.Parse(first.Output);
        var rows = json.RootElement.EnumerateArray().ToDictionary(r => Path.GetFileName(r.GetProperty("file").GetString()!));
        Assert.Equal(["empty.txt", "picture.txt", "plain.txt", "spaces.txt", "western.txt", "wide.txt"], rows.Keys.Order());
        (string, string)[] read = [("plain.txt", "utf-8"), ("western.txt", "windows-1252"), ("wide.txt", "utf-16le")];
        foreach (var (file, encoding) in read)
        {
            var manifest = rows[file].GetProperty("manifest");
            Assert.Equal(encoding, manifest.GetProperty("textEncoding").GetString());
            var losses = manifest.GetProperty("losses").EnumerateArray().Select(l => l.GetDouble()).ToArray();
            Assert.True(losses is [var before, var after] && after < before, $"{file}: losses {string.Join(", ", losses)}");
            var adapter = rows[file].GetProperty("adapter").GetString()!;
            var stored = Path.Combine(_folder.Path, "perk-store", "adapters", "default", adapter);
            Assert.Equal(
                ["README.md", "adapter_config.json", "adapter_model.safetensors", "manifest.json", "segments.json"],
                Directory.GetFiles(stored).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Contains($"{file}  step 2/2  loss", first.Errors);
        }

        (string, string)[] refused = [("empty.txt", "it has no bytes"), ("spaces.txt", "only white space"), ("picture.txt", "PNG")];
        foreach (var (file, reason) in refused)
        {
            Assert.Contains(reason, rows[file].GetProperty("error").GetString());
            var line = Assert.Single(first.Errors.Split('\n'), l => l.StartsWith($"error: in/{file}:", StringComparison.Ordinal));
            Assert.Contains(reason, line);
        }

        var stamps = Stamps();
        var second = await Perk(["encode", "in"]);
        Assert.Equal(1, second.ExitCode);
        Assert.Equal(3, second.Output.Split("already there").Length - 1);
        // The whole id, since no terminal breaks it.
        Assert.Contains(rows["plain.txt"].GetProperty("adapter").GetString()!, second.Output);
        Assert.DoesNotContain("step", second.Errors);
        Assert.Equal(stamps, Stamps());
    }

    [Fact]
    public async Task Encode_FolderThatHoldsTheStore_LeavesTheStoreOut()
    {
        _folder.Add("page.txt", Small.Document("Lily"));
        Assert.Equal(0, (await Perk(["encode", "."])).ExitCode);
        var again = await Perk(["encode", ".", "--json"]);
        Assert.Equal(0, again.ExitCode);
        using var json = JsonDocument.Parse(again.Output);
        Assert.Single(json.RootElement.EnumerateArray());
    }

    [Fact]
    public async Task Ask_BeginningOfAnId_AnswersTheSameEachTime()
    {
        _folder.Add("page.txt", Small.Document("Lily"));
        var encoded = await Perk(["encode", "page.txt", "--json"]);
        Assert.Equal(0, encoded.ExitCode);
        using var rows = JsonDocument.Parse(encoded.Output);
        var id = rows.RootElement[0].GetProperty("adapter").GetString()!;

        var people = await Ask(id[..4], "Who had a blue kite?", "Where did Tom live?");
        Assert.Equal(0, people.ExitCode);
        Assert.StartsWith("Who had a blue kite?\n  ", people.Output);
        Assert.Contains("Where did Tom live?\n  ", people.Output);
        Assert.Contains(id, people.Output);

        var machine = await Ask(id, "Who had a blue kite?", "--json");
        using var answers = JsonDocument.Parse(machine.Output);
        var answer = Assert.Single(answers.RootElement.EnumerateArray());
        Assert.Equal(id, answer.GetProperty("adapter").GetString());
        Assert.Equal("Who had a blue kite?", answer.GetProperty("question").GetString());
        var text = answer.GetProperty("answer").GetString()!;
        Assert.NotEmpty(text);
        Assert.Contains(text, people.Output);
        Assert.Equal("", machine.Errors);
    }

    [Fact]
    public async Task Ask_UnknownAmbiguousOrMalformedAdapter_SaysWhich()
    {
        foreach (var id in new[] { "abcd0000000000000000000000000001", "abcd0000000000000000000000000002" })
            _folder.Add($"perk-store/adapters/default/{id}/manifest.json", "{}"u8.ToArray());
        await Refused(1, "begins with '0123'", "0123");
        await Refused(1, "2 adapters begin with 'abcd'", "abcd");
        await Refused(1, "is not a manifest", "abcd0000000000000000000000000001");
        await Refused(2, "'Lily' is not an adapter id", "Lily");
        await Refused(2, "'abc' is not an adapter id", "abc");

        async Task Refused(int code, string reason, string id)
        {
            var result = await Ask(id, "Who?");
            Assert.Equal((code, ""), (result.ExitCode, result.Output));
            Assert.StartsWith("error: ", result.Errors);
            Assert.Contains(reason, result.Errors);
        }
    }

    [Fact]
    public async Task Encode_ModelUnreadableOrTruncated_SaysTheFile()
    {
        var page = _folder.Add("page.txt", Small.Document("Lily"));
        await Refused("nowhere", "nowhere");
        foreach (var file in Directory.GetFiles(Small.Source.ModelFolder))
            _folder.Add("short/" + Path.GetFileName(file), File.ReadAllBytes(file));
        var weights = Path.Combine(_folder.Path, "short", "model.safetensors");
        using (var stream = File.OpenWrite(weights)) stream.SetLength(stream.Length - 1000);
        await Refused("short", "model.safetensors");

        async Task Refused(string model, string file)
        {
            var result = await Perk(["encode", page, "--model", model]);
            Assert.Equal((1, ""), (result.ExitCode, result.Output));
            Assert.Matches($@"^error: \S*{file}\S* .+\n$", result.Errors);
            Assert.DoesNotContain("unexpected", result.Errors);
        }
    }

    [Fact]
    public async Task Encode_Interrupted_LeavesNoHalfAdapterAndWorksTheNextTime()
    {
        Signals.SkipUnlessTheyWork();
        _folder.Add("long.txt", Small.LongDocument("Lily"));
        await using (var perk = PerkProcess.Start(_folder.Path, ["encode", "long.txt", .. Small.Flags]))
        {
            await perk.SaysAsync("step 1/2");
            await perk.SignalAsync("INT");
            var result = await perk.EndAsync(TimeSpan.FromSeconds(10));
            Assert.Equal((1, ""), (result.ExitCode, result.Output));
            Assert.Contains("error: cancelled.", result.Errors);
        }

        var store = Path.Combine(_folder.Path, "perk-store");
        Assert.False(Directory.Exists(Path.Combine(store, "adapters")));
        var again = await Perk(["encode", "long.txt"]);
        Assert.Equal(0, again.ExitCode);
        Assert.Single(Directory.GetFiles(Path.Combine(store, "adapters"), "manifest.json", SearchOption.AllDirectories));
    }

    private Task<PerkResult> Perk(string[] arguments) => PerkProcess.RunAsync(_folder.Path, [.. arguments, .. Small.Flags]);

    private Task<PerkResult> Ask(params string[] arguments) => PerkProcess.RunAsync(_folder.Path, ["ask", .. arguments]);

    /// <summary>Every file of the store and when it was written.</summary>
    private string[] Stamps() =>
    [
        .. Directory.GetFiles(Path.Combine(_folder.Path, "perk-store"), "*", SearchOption.AllDirectories).Order()
            .Where(f => Path.GetFileName(f) != "lock").Select(f => $"{f} {File.GetLastWriteTimeUtc(f):O}"),
    ];
}
