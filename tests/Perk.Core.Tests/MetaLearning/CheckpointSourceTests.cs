using Perk.Core.MetaLearning;
using static TorchSharp.torch;

namespace Perk.Core.Tests.MetaLearning;

public sealed class CheckpointSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> MetaOptions => [.. OptionChanges.Of<MetaInitialisation>()];

    private static string Original => new CheckpointSource { ModelFolder = RepositoryFiles.Stories260K }.Id();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Id_TheSameFilesElsewhere_IsTheSame64Digits()
    {
        Assert.Matches(@"\A[0-9a-f]{64}\z", Original);
        Assert.Equal(Original, Copy("another-name").Id());
        Assert.Equal(Original, Copy("third" + Path.DirectorySeparatorChar).Id());
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.model")]
    public void Id_OneByteOfOneFileChanged_IsAnother(string file)
    {
        var copy = Copy("copy");
        var path = Path.Combine(copy.ModelFolder, file);
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.NotEqual(Original, copy.Id());
    }

    [Fact]
    public void Id_AFileThatDecidesNothing_DoesNotCount()
    {
        var copy = Copy("copy");
        File.WriteAllText(Path.Combine(copy.ModelFolder, "README.md"), "changed");
        Assert.Equal(Original, copy.Id());
    }

    [Theory]
    [MemberData(nameof(MetaOptions))]
    public void Id_AnotherMetaOption_IsAnother(string option) => Assert.NotEqual(
        Original,
        (new CheckpointSource { ModelFolder = RepositoryFiles.Stories260K } with
        {
            Meta = OptionChanges.With(new MetaInitialisation(), option),
        }).Id());

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    [InlineData("tokenizer.model")]
    public void Id_FileMissing_IsNamed(string file)
    {
        var copy = Copy("copy");
        File.Delete(Path.Combine(copy.ModelFolder, file));
        Assert.Contains(file, Assert.Throws<ModelFileException>(copy.Id).Message);
    }

    [Fact]
    public void Load_Checkpoint_HasTheSourcesIdAndName()
    {
        using var loaded = Copy("my-model").Load(CPU);
        Assert.Equal((Original, "my-model"), (loaded.Id, loaded.ModelName));
        Assert.Equal(new MetaInitialisation(), loaded.Initialisation);
    }

    private CheckpointSource Copy(string name)
    {
        var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
        foreach (var file in Directory.GetFiles(RepositoryFiles.Stories260K))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return new CheckpointSource { ModelFolder = Path.Combine(_folder.Path, name) };
    }
}
